import { expect, test } from 'vitest';
import { type AddonState, addonConcern, addonOfPhase } from '../../../lib/cluster/addon-state.ts';

const state = (status: AddonState['status'], message = ''): AddonState => ({
  ...{ status, message },
  ...{ node: 'demo-masters-01', at: '2026-01-01T00:00:00.000Z' },
});

test.each([
  ['addon-calico', 'calico'],
  ['addon-vsphere-csi', 'vsphere-csi'],
  ['addon-', undefined],
  ['addon-UPPER', undefined],
  ['addons', undefined],
  ['join', undefined],
])('the phase %s is about %s', (phase, name) => {
  expect(addonOfPhase(phase)).toBe(name);
});

test('what failed is told with its phase, node and reason, in the same order however it came', () => {
  const failed = {
    metallb: state('failed', 'no mirror'),
    calico: state('failed', 'wrong checksum'),
    x: state('applied'),
  };
  const concern = addonConcern(failed);
  expect(concern).toMatch(
    /^Add-on calico is not applied \(phase addon-calico on demo-masters-01\): wrong checksum\. Add-on metallb .*: no mirror\. It is tried again/,
  );
  expect(addonConcern(Object.fromEntries(Object.entries(failed).reverse()))).toBe(concern);
});

test('where none failed there is nothing to tell', () => {
  expect(addonConcern({ calico: state('applied') })).toBeUndefined();
  expect(addonConcern(undefined)).toBeUndefined();
});
