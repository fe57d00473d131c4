const { mkdirSync, readFileSync, renameSync } = require('node:fs');
const { basename, join } = require('node:path');
const { brotliCompressSync } = require('node:zlib');

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

/** Shell programs are imported as text, which is small in the bundle. */
const compressedText = {
  name: 'compressed-text',
  setup(build) {
    build.onLoad({ filter: /\.sh$/ }, ({ path }) => {
      const compressed = brotliCompressSync(readFileSync(path)).toString('base64');
      const text = `brotliDecompressSync(Buffer.from('${compressed}', 'base64')).toString()`;
      return { contents: `import { brotliDecompressSync } from 'node:zlib';\nexport default ${text};\n`, loader: 'js' };
    });
  },
};

module.exports = [sourceMapsApart, compressedText];
