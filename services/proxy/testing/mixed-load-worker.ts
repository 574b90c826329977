import { parentPort, workerData } from 'node:worker_threads';
import { startMixedLoad } from './mixed-load.ts';
import { type ApartData, kinds } from './mixed-load-apart.ts';

const { port, each, counters } = workerData as ApartData;
const load = startMixedLoad({ port, each });
const tell = () => kinds.forEach((kind, index) => void Atomics.store(counters, index, load[kind]()));
const telling = setInterval(tell, 1);
parentPort?.once('message', () => void end());

async function end(): Promise<void> {
  const failures = await load.stop();
  clearInterval(telling);
  tell();
  parentPort?.postMessage(failures);
}
