/** Dependencies point one way: functions → lib/{steps,api,callbacks} → lib/{store,connector,…} → lib/cluster. */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    {
      name: 'publishable-alone',
      comment: 'the vCenter client, the PKI and the tokens know nothing of AWS or of clusters',
      severity: 'error',
      from: { path: '^lib/(vsphere|pki|tokens)/' },
      to: { path: '^(lib|functions|local|cli)/', pathNot: '^lib/$1/' },
    },
    {
      name: 'pure-model',
      severity: 'error',
      from: { path: '^lib/cluster/' },
      to: { path: '^(lib|functions|local|cli|node_modules/@aws-sdk)/', pathNot: '^lib/cluster/' },
    },
    {
      name: 'stand-ins-stay-local',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(local|cli|functions|test)/' },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
