import { startLoadUpstream } from './load-upstream.ts';

/** An upstream as a process of its own: it says its port, and ends when it is killed. */
const { port } = await startLoadUpstream();
console.log(port);
