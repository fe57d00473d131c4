const { mkdirSync, renameSync } = require('node:fs');
const { basename, join } = require('node:path');

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

module.exports = [sourceMapsApart, nodeAdapterAlone];
