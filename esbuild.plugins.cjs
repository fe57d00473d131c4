const { copyFileSync, mkdirSync, renameSync } = require('node:fs');
const { basename, join, parse, resolve } = require('node:path');

/** Moves each function's source map out of its package: it is for those who read a stack trace, not for Lambda. */
const sourceMapsApart = {
  name: 'source-maps-apart',
  setup(build) {
    build.initialOptions.metafile = true;
    build.onEnd(({ metafile }) => {
      mkdirSync(join(__dirname, '.source-maps'), { recursive: true });
      const maps = Object.keys(metafile?.outputs ?? {}).filter((file) => file.endsWith('.map'));
      for (const map of maps) {
        renameSync(
          join(build.initialOptions.absWorkingDir ?? process.cwd(), map),
          join(__dirname, '.source-maps', basename(map)),
        );
      }
    });
  },
};

/** Leaves out the adapters by which axios speaks HTTP in a browser: a function has Node's. */
const nodeAdapterAlone = {
  name: 'node-adapter-alone',
  setup(build) {
    build.onLoad({ filter: /axios\/lib\/adapters\/(xhr|fetch)\.js$/ }, () => ({
      contents: 'export const getFetch = () => false; export default false;',
    }));
  },
};

/**
 * Lays shell programs beside the bundle that imports them, and has it read them: they are data, not code to be parsed at every
 * cold start. A file whose name begins with the function's goes into the package of that function alone.
 */
const shellBeside = {
  name: 'shell-beside',
  setup(build) {
    const { absWorkingDir = process.cwd(), entryPoints, outdir } = build.initialOptions;
    const { name } = parse(entryPoints[0]);
    build.onLoad({ filter: /\.sh$/ }, ({ path }) => {
      const file = `${name}.${basename(path)}`;
      const directory = resolve(absWorkingDir, outdir);
      mkdirSync(directory, { recursive: true });
      copyFileSync(path, join(directory, file));
      const read = `readFileSync(join(__dirname, ${JSON.stringify(file)}), 'utf8')`;
      return {
        contents: `import { readFileSync } from 'node:fs'; import { join } from 'node:path'; export default ${read};`,
      };
    });
  },
};

module.exports = [sourceMapsApart, nodeAdapterAlone, shellBeside];
