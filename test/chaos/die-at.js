// Loaded into every component of the chaos stack. When the process comes to the named point that the file `die-at` holds (and how many
// times it has to come there), it sends itself the signal that the file names: synchronously, so that after SIGKILL no line of JavaScript
// runs and nothing is closed in order, and after SIGSTOP the next line runs when somebody sends SIGCONT. The renaming is what two instances
// compete for: one of them is struck, once.
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync, existsSync, readFileSync, renameSync } from 'node:fs';

const folder = '/chaos-state';
let armed = '';
let visits = 0;

subscribe('kedge:point', (name) => {
  if (existsSync(`${folder}/record`)) appendFileSync(`${folder}/points.log`, `${name}\n`);
  if (isDue(name) && claim()) {
    appendFileSync(`${folder}/died.log`, `${new Date().toISOString()} ${armed}\n`);
    process.kill(process.pid, armed.split(' ')[2] ?? 'SIGKILL');
  }
});

function isDue(name) {
  const found = existsSync(`${folder}/die-at`) ? readFileSync(`${folder}/die-at`, 'utf8') : '';
  if (found !== armed) visits = 0;
  armed = found;
  const [point, times] = armed.split(' ');
  if (point !== name) return false;
  visits += 1;
  return visits === Number(times);
}

function claim() {
  try {
    renameSync(`${folder}/die-at`, `${folder}/died`);
    return true;
  } catch (thrown) {
    if (thrown.code === 'ENOENT') return false;
    throw thrown;
  }
}
