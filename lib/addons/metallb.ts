import { metalLBRange } from '../cluster/load-balancer.ts';
import { CATALOGUE } from './catalogue.ts';
import { merge, type NodeAddon, type Patch } from './node-addon.ts';

const NAMESPACE = 'metallb-system';
const NAME = 'slipway';
/** Most entries of a pool, and most characters of one: without a bound the API server refuses to check them. */
const MOST_RANGES = 256;
const LONGEST_RANGE = 100;

/**
 * Its checks of resources that are made: they run in a pod of its own, for which there is no room before workers have joined.
 * Until then the API server waits for each in vain, once a resource.
 */
const WEBHOOKS = [
  'bgppeersvalidationwebhook',
  'bfdprofilevalidationwebhook',
  'bgpadvertisementvalidationwebhook',
  'communityvalidationwebhook',
  'ipaddresspoolvalidationwebhook',
  'l2advertisementvalidationwebhook',
].map((name) => ({ name: `${name}.metallb.io`, failurePolicy: 'Ignore', timeoutSeconds: 1 }));

/** Has the API server itself refuse what is no range: MetalLB's schema takes any text, and leaves the rest to its webhook. */
const checkedRanges: Patch = {
  target: { kind: 'CustomResourceDefinition', name: 'ipaddresspools.metallb.io' },
  patch: JSON.stringify(
    Object.entries({
      maxItems: MOST_RANGES,
      'items/maxLength': LONGEST_RANGE,
      'items/x-kubernetes-validations': [
        {
          rule: "self.contains('-') ? self.split('-').size() == 2 && self.split('-').all(x, isIP(x.trim())) : isCIDR(self)",
          message: 'a network such as 10.0.0.0/24, or the first and the last address: 10.0.0.20-10.0.0.60',
        },
      ],
    }).map(([path, value]) => ({
      op: 'add',
      path: `/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/addresses/${path}`,
      value,
    })),
  ),
};

/**
 * MetalLB in layer 2 mode, with one pool of addresses, told by ARP from the nodes.
 * https://metallb.io/configuration/
 */
export function metallb(ranges: readonly string[]): NodeAddon {
  const metadata = { name: NAME, namespace: NAMESPACE };
  return {
    addon: CATALOGUE.metallb,
    patches: [
      merge('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'metallb-webhook-configuration', {
        webhooks: WEBHOOKS,
      }),
      checkedRanges,
    ],
    resources: [
      {
        apiVersion: 'metallb.io/v1beta1',
        kind: 'IPAddressPool',
        metadata,
        spec: { addresses: ranges.map(metalLBRange) },
      },
      { apiVersion: 'metallb.io/v1beta1', kind: 'L2Advertisement', metadata, spec: { ipAddressPools: [NAME] } },
    ],
  };
}
