// Loaded into every component of the chaos stack. When the file `weigh` appears, the process throws its garbage away and writes into
// `weight` how many bytes it keeps: of the heap, and of the buffers beside it, where the bytes of messages lie.
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const folder = '/chaos-state';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

function weigh() {
  rmSync(`${folder}/weigh`);
  // What a collection lets go of may let go of more.
  for (let round = 0; round < 4; round += 1) collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  writeFileSync(`${folder}/weight.new`, JSON.stringify({ heap: heapUsed, buffers: external }));
  renameSync(`${folder}/weight.new`, `${folder}/weight`);
}

setInterval(() => existsSync(`${folder}/weigh`) && weigh(), 100).unref();
