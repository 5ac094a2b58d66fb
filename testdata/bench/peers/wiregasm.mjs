// Has Wireshark, compiled for WebAssembly, load a capture: node wiregasm.mjs CAPTURE. It prints how many frames it found.

import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);
const main = require.resolve('@goodtools/wiregasm/dist/wiregasm.js');
const wiregasm = await require(main)({
  locateFile: (name) => path.join(path.dirname(main), name),
  print: () => {},
  printErr: () => {},
});
wiregasm.init();
const name = '/uploads/capture.pcap';
wiregasm.FS.writeFile(name, fs.readFileSync(process.argv[2]));
const session = new wiregasm.DissectSession(name);
const loaded = session.load();
if (loaded.code !== 0) throw new Error(`it cannot load the capture: ${loaded.error}`);
console.log(loaded.summary.packet_count);
session.delete();
