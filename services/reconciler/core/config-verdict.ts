import type { ConfigManifest, ConfigState, StatusReply } from '@kedge/shared/contracts';
import { nameList } from '@kedge/shared/kernel';

type Verdicts = Pick<ConfigManifest, 'rejected' | 'held'>;

type Verdict = Required<Pick<StatusReply['config'], 'state' | 'problem'>> & Pick<StatusReply['config'], 'removes'>;

/** How the newest configuration stands, and in a sentence why it is not in force; null when it is. */
export function configVerdict(manifest: Verdicts | null): Verdict {
  // One that is held is also told as a problem, for whoever knows of nothing else; a broken one after it takes its place.
  const removes = manifest?.held?.removes;
  if (removes) return { ...verdict('held', `a configuration waits for "kedge apply": it would remove ${nameList(removes)}`), removes };
  const first = manifest?.rejected?.problems[0];
  if (first) return verdict('rejected', `the newest configuration is not in force: ${first.file}:${first.line}: ${first.message}`);
  return manifest ? verdict('in-force', null) : verdict('unread', 'no configuration has been read yet');
}

const verdict = (state: ConfigState, problem: string | null) => ({ state, problem });
