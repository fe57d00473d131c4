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

module.exports = [sourceMapsApart];
