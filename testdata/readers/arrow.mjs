// Reads an Arrow file and prints some of its columns as JSON, in the form of duck.mjs.
import { readFileSync } from 'node:fs';
import { compressionRegistry, CompressionType, tableFromIPC } from 'apache-arrow';
import { decompress } from 'fzstd';

compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => decompress(bytes).slice() });

const text = (v) => v === null || v === undefined ? null : typeof v === 'object' ? [...v].map(text).join(',') : typeof v === 'boolean' ? String(Number(v)) : String(v);
const table = tableFromIPC(readFileSync(process.argv[2]));
const columns = process.argv[3].split(',').map((name) => table.getChild(name));
console.log(JSON.stringify([...Array(table.numRows).keys()].map((row) => columns.map((c) => text(c.get(row))))));
