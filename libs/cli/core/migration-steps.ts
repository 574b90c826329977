import { entryNames } from '@kedge/config';
import type { ConfigPlace } from '../config-place.ts';
import type { DispenserSight } from './dispenser-sight.ts';
import { shellWord } from './shell-word.ts';

/** One step of the move, and what to type. */
export interface MigrationStep {
  readonly what: string;
  readonly commands: readonly string[];
}

/** The unit's own settings would start Dispenser again within a second, and its start removes every container of its names. */
const dropIn = '/run/systemd/system/dispenser.service.d';

/** What comes first: to `start` a stack, to have all of it `answer`, or to `agree` to the folder that it reads and holds. */
export type Beginning = 'start' | 'answer' | 'agree';

interface Begun {
  readonly daemon: DispenserSight;
  readonly first: Beginning;
}

const agree =
  'Agree to the configuration of this folder, which is held; that names are taken is told then, too, and mended by the hand-over:';

/** How somebody moves from Dispenser to Kedge without losing a container. */
export function migrationSteps({ folder, file }: ConfigPlace, { daemon, first }: Begun): readonly MigrationStep[] {
  const isFound = file === undefined || entryNames.some((name) => name === file);
  const settings = `KEDGE_CONFIG=${shellWord(folder)}${isFound ? '' : ` KEDGE_CONFIG_FILE=${shellWord(file)}`}`;
  const handOver = `kedge import dispenser ${shellWord(file === undefined ? folder : `${folder}/${file}`)} --yes`;
  if (first === 'agree' && daemon.kind === 'gone') return [{ what: agree, commands: ['kedge apply', handOver] }];
  const pid = daemon.kind === 'runs' ? daemon.pid : null;
  const beginnings: Readonly<Record<Beginning, MigrationStep>> = {
    start: {
      what: 'Start Kedge beside Dispenser, on another port. It makes nothing under a name that is taken, and this command then shows what is:',
      commands: [`${settings} KEDGE_HTTP_PORT=8080 docker compose up -d --wait`],
    },
    answer: {
      what: 'See what of Kedge does not answer, and let it start; this command then shows which names are taken:',
      commands: ['kedge doctor'],
    },
    agree: { what: agree, commands: ['kedge apply'] },
  };
  return [
    beginnings[first],
    {
      what:
        'End the daemon of Dispenser without its clean-up. "systemctl stop", SIGTERM and "dispenser -s stop" would remove every container, ' +
        'and so would a restart; what was killed leaves them alone. Go on only when the fourth line says Restart=no:',
      commands: [
        `sudo systemctl disable dispenser && sudo mkdir -p ${dropIn}`,
        `printf '[Service]\\nRestart=no\\n' | sudo tee ${dropIn}/kedge.conf`,
        'sudo systemctl daemon-reload',
        'systemctl show --property=Restart dispenser',
        'sudo systemctl kill --signal=KILL dispenser',
      ],
    },
    {
      what: `Where no systemd started it, end it by its process instead:`,
      commands: [`sudo kill -KILL ${pid ?? `"$(cat ${shellWord(`${folder}/dispenser.pid`)})"`}`],
    },
    {
      what: 'Give Kedge its place and the HTTP port; containers keep running, and routes answer again as they are handed over:',
      commands: [`${settings} docker compose up -d --wait`, handOver],
    },
    {
      what: `Write ${settings} into .env, so that the next start finds it. Purging the package of Dispenser deletes /opt/dispenser: move the folder before.`,
      commands: [],
    },
  ];
}
