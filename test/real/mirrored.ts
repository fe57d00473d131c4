import { CATALOGUE } from '../../lib/addons/catalogue.ts';

/** The add-ons whose sources are modules, which can be had wherever the tests run. */
export const MIRRORED = [CATALOGUE.metallb, CATALOGUE.cilium, CATALOGUE.cloudProvider];
