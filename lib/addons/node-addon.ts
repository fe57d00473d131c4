import type { Addon, AddonFile } from './catalogue.ts';

/** A change to a manifest before it is applied, as kustomize's `patches` have it. */
export interface Patch {
  target: { kind: string; name: string; namespace?: string };
  /** A strategic merge patch (JSON is YAML), or JSON patch operations. */
  patch: string;
}

/** An add-on as a control-plane node is told of it. */
export interface NodeAddon {
  addon: Addon;
  patches: readonly Patch[];
  /** Resources of ours that are applied after it: their kinds may be its own. */
  resources: readonly object[];
}

/** A strategic merge patch of one object. */
export function merge(apiVersion: string, kind: string, name: string, content: object): Patch {
  return { target: { kind, name }, patch: JSON.stringify({ apiVersion, kind, metadata: { name }, ...content }) };
}

/**
 * The files of an add-on below its directory on the node.
 *
 * `files`: a line a file, `SHA256 PATH URL`: the path is below a mirror, the URL is `-` where there is no public source.
 * `kustomization.yaml`: what kubectl kustomize makes the manifest of. `resources.yaml`: what is applied after it.
 */
export function nodeFiles(
  { addon, patches, resources }: NodeAddon,
  pathOf: (addon: Addon, file: AddonFile) => string,
): Record<string, string> {
  const { files } = addon;
  const lines = files.map((file) => `${file.sha256} ${pathOf(addon, file)} ${file.url ?? '-'}\n`);
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: files.map(({ name }) => name),
    patches,
  };
  const list = { apiVersion: 'v1', kind: 'List', items: resources };
  return {
    files: lines.join(''),
    'kustomization.yaml': JSON.stringify(kustomization),
    ...(resources.length > 0 ? { 'resources.yaml': JSON.stringify(list) } : {}),
  };
}
