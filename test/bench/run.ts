/** Runs one benchmark by name: npm run bench -- creation */
const name = process.argv[2] ?? '';
if (!['creation', 'bundles', 'pki'].includes(name)) {
  console.error('npm run bench -- creation | bundles | pki');
  process.exit(2);
}
await import(`./${name}.ts`);
