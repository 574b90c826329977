import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CloudEvent, DataOf } from '@kedge/shared/contracts';
import { noon } from '../testing/recording-terminal.ts';
import { digestA, digestB, releaseA, releaseB, rollout, serviceStatus, web } from '../testing/samples.ts';
import { gistOf } from './describe-event.ts';
import { type DeployView, type deploySubjects, judgeDeploy } from './judge-deploy.ts';

type DeploySubject = (typeof deploySubjects)[number];
const newer = { rollout, release: releaseB, image: 'hello:1', digest: digestB };
const serving = serviceStatus();
const rolling = serviceStatus({ phase: 'rolling', reason: 'pulling' });

function event<Name extends DeploySubject>(subject: Name, data: DataOf<Name>): CloudEvent {
  return {
    specversion: '1.0',
    id: 'x',
    source: 'reconciler/1',
    type: `${subject}.v1`,
    time: '2026-03-01T12:00:00.000Z',
    subject: web,
    kedgenode: 'local',
    data,
  };
}

const started = event('deploy.started', { ...newer, cause: 'requested', from: releaseA, strategy: 'start-first', reason: 'default' });
const progressed = event('deploy.progressed', { ...newer, step: 'pull', message: '3 of 9 MB' });
const succeeded = event('deploy.succeeded', { ...newer, durationMs: 4_200, drained: true, openRequests: 0 });
const failed = event('deploy.failed', { ...newer, reason: 'crashed', message: 'exit code 1', lastLines: ['boom'], barred: true });
const rolledBack = event('deploy.rolledback', { ...newer, to: releaseA, reason: 'unhealthy', message: '5xx' });
const superseded = event('deploy.superseded', { ...newer, reason: 'another image is wanted', durationMs: 900 });
const third = { ...newer, rollout: '01JNABCDEFGHJKMNPQRSTVWXYY', release: releaseA, digest: digestA };
const thirdProgressed = event('deploy.progressed', { ...third, step: 'pull', message: '1 of 9 MB' });
const thirdSucceeded = event('deploy.succeeded', { ...third, durationMs: 800, drained: true, openRequests: 0 });
const thirdFailed = event('deploy.failed', { ...third, reason: 'crashed', message: 'exit code 2', lastLines: [], barred: true });
const instant = '2026-03-01T12:00:01.000Z';
const runStarted = event('job.started', { instant, container: 'c1' });
const run = (exitCode: number) => event('job.finished', { instant, exitCode, durationMs: 1_500 });
const runSkipped = event('job.skipped', { instant, reason: 'overlap', message: 'the last one goes on' });
const earlierSucceeded = event('deploy.succeeded', {
  ...newer,
  release: releaseA,
  digest: digestA,
  durationMs: 1,
  drained: true,
  openRequests: 0,
});

const since = '2026-03-01T11:58:00.000Z';

function viewOf(view: Partial<DeployView>): DeployView {
  return {
    wanted: digestB,
    events: [],
    status: serving,
    planned: null,
    trouble: null,
    elapsedMs: 60_000,
    graceMs: 3_000,
    now: noon,
    waitedUntil: null,
    ...view,
  };
}

function judge(view: Partial<DeployView>): string {
  const judged = judgeDeploy(viewOf(view));
  return `${judged.kind}: ${judged.line}`;
}

const endedBadly = 'it ended with code 1; with restart = "no" it is not started again by itself';
const barredB = [{ release: releaseB, digest: digestB, message: 'crashed' }];
const waiting = {
  code: 'PULL_FAILED',
  message: 'no route',
  since: '2026-03-01T12:00:00.000Z',
  retryAt: '2026-03-01T12:00:30.000Z',
  failures: 1,
};

describe('judgeDeploy', () => {
  const cases: readonly (readonly [string, Partial<DeployView>, string])[] = [
    ['waits for an answer', { status: null }, 'going: waiting for the reconciler'],
    [
      'gives the reconciler time to begin, and takes nothing from before for an answer',
      { wanted: digestA, elapsedMs: 2_999 },
      'going: nothing has begun yet',
    ],
    [
      'says from the beginning that the newest digest does not serve',
      { elapsedMs: 0 },
      'going: bbbbbbbbbbbb is known, the reconciler has not taken it up yet',
    ],
    [
      'tells meanwhile why a service is not at rest',
      { status: serviceStatus({ phase: 'waiting', reason: '1 of 2 containers are ready' }), elapsedMs: 0 },
      'going: 1 of 2 containers are ready',
    ],
    [
      'says that nothing is left to do',
      { wanted: digestA, elapsedMs: 3_000 },
      'nothing: Nothing to do: web is serving aaaaaaaaaaaa already.',
    ],
    ['says so of a local image too', { wanted: null }, 'nothing: Nothing to do: web is serving aaaaaaaaaaaa already.'],
    [
      'waits while the plan has something',
      { wanted: digestA, planned: { service: web, action: 'roll', reason: 'spec moved', steps: [] } },
      'going: spec moved',
    ],
    ['waits while the newest digest does not serve', {}, 'going: bbbbbbbbbbbb is known, the reconciler has not taken it up yet'],
    ['waits while an earlier rollout goes on', { wanted: digestA, status: rolling }, 'going: pulling'],
    [
      'tells an obstacle and when it is tried again',
      { status: serviceStatus({ waiting }) },
      'going: waiting: no route (PULL_FAILED); next try in 30 s',
    ],
    ['waits for a bar to be lifted', { status: serviceStatus({ barred: barredB }) }, 'going: bbbbbbbbbbbb is still barred: crashed'],
    [
      'does not mind that another digest is barred',
      { wanted: digestA, status: serviceStatus({ barred: barredB }) },
      'nothing: Nothing to do: web is serving aaaaaaaaaaaa already.',
    ],
    ['tells how a rollout goes', { events: [started, progressed], status: rolling }, 'going: pull: 3 of 9 MB'],
    [
      'tells an obstacle within a rollout',
      { events: [started], status: serviceStatus({ phase: 'waiting', waiting }) },
      'going: waiting: no route (PULL_FAILED); next try in 30 s',
    ],
    ...(['completed', 'idle'] as const).map((phase): readonly [string, Partial<DeployView>, string] => [
      `does not say of what ran to its end that it serves (${phase})`,
      { events: [started, succeeded], status: serviceStatus({ phase, release: releaseB, digest: digestB }) },
      'succeeded: web completed bbbbbbbbbbbb after 4.2 s',
    ]),
    [
      'says so, too, where its last event was missed',
      { events: [started], status: serviceStatus({ phase: 'completed', release: releaseB, digest: digestB }) },
      'succeeded: web completed bbbbbbbbbbbb',
    ],
    ...(
      [
        ['that it runs, of what nobody is routed to: it may be one that ends', { phase: 'serving' }, ', and runs'],
        ['no more than it knows, of what was not looked at since', { phase: 'rolling' }, ''],
      ] as const
    ).map(([name, { phase }, more]): readonly [string, Partial<DeployView>, string] => [
      `says ${name}`,
      { events: [started, succeeded], status: serviceStatus({ phase, routes: [], release: releaseB, digest: digestB }) },
      `succeeded: web rolled out bbbbbbbbbbbb after 4.2 s${more}`,
    ]),
    ...(['stopped', 'removing'] as const).map((phase): readonly [string, Partial<DeployView>, string] => [
      `does not say that it serves, or completed, of what is ${phase} since`,
      { events: [started, succeeded], status: serviceStatus({ phase, release: releaseB, digest: digestB }) },
      'succeeded: web rolled out bbbbbbbbbbbb after 4.2 s',
    ]),
    [
      'fails where what was rolled out failed since, and is not started again',
      { events: [started, succeeded], status: serviceStatus({ phase: 'failed', reason: endedBadly, release: releaseB, digest: digestB }) },
      `failed: web failed: ${endedBadly}`,
    ],
    [
      'fails so, too, where the last event was missed',
      { events: [started], status: serviceStatus({ phase: 'failed', reason: endedBadly, release: releaseB, digest: digestB }) },
      `failed: web failed: ${endedBadly}`,
    ],
    [
      'does not take for that what is tried again',
      { events: [started], status: serviceStatus({ phase: 'failed', reason: 'no', release: releaseB, digest: digestB, waiting }) },
      'going: waiting: no route (PULL_FAILED); next try in 30 s',
    ],
    [
      'does not take the failure of another release for that',
      { events: [started, succeeded], status: serviceStatus({ phase: 'failed', reason: endedBadly }) },
      'succeeded: web rolled out bbbbbbbbbbbb after 4.2 s',
    ],
    [
      'says that what ran to its end completed, where nothing is left to do',
      { wanted: digestA, status: serviceStatus({ phase: 'completed' }) },
      'nothing: Nothing to do: web completed aaaaaaaaaaaa already.',
    ],
    ['ends with success', { events: [started, succeeded], status: rolling }, 'succeeded: web serves bbbbbbbbbbbb after 4.2 s'],
    ['does not take the end of an earlier rollout for its own', { events: [earlierSucceeded], status: rolling }, 'going: pulling'],
    [
      'takes any success when the digest is not known',
      { wanted: null, events: [earlierSucceeded] },
      'succeeded: web serves aaaaaaaaaaaa after 0.0 s',
    ],
    ['ends with failure', { events: [started, failed] }, 'failed: web failed: bbbbbbbbbbbb crashed: exit code 1 (barred)'],
    [
      'ends with a roll-back',
      { events: [started, rolledBack] },
      'failed: web was rolled back: bbbbbbbbbbbb left, back to aaaaaaaaaaaa: 5xx',
    ],
    [
      'names the release that is back where the status is not of that',
      { events: [started, rolledBack], status: null },
      'failed: web was rolled back: bbbbbbbbbbbb left, back to release 11111111: 5xx',
    ],
    ['tells the run of a job', { events: [runStarted] }, `going: web: the run of ${instant} in c1`],
    ['ends as the run ends', { events: [runStarted, run(0)] }, `succeeded: web: the run of ${instant} ended with exit code 0 after 1.5 s`],
    ['fails as the run fails', { events: [runStarted, run(3)] }, `failed: web: the run of ${instant} ended with exit code 3 after 1.5 s`],
    ['fails for a run that was skipped', { events: [runSkipped] }, `failed: web: the run of ${instant}: the last one goes on`],
    ['heeds the rollout rather than a run beside it', { events: [started, run(0)], status: rolling }, `going: ${gistOf(started)}`],
    [
      'does not say that nothing is left to do while the registry cannot be asked',
      { wanted: null, trouble: 'no route' },
      'failed: The registry could not be asked, so nothing was rolled: no route; web is serving aaaaaaaaaaaa meanwhile.',
    ],
    [
      'lets a rollout go on while the registry cannot be asked',
      { wanted: null, trouble: 'no route', events: [started, progressed], status: rolling },
      'going: pull: 3 of 9 MB',
    ],
    [
      'waits for what follows a rollout that made way',
      { events: [started, superseded], status: serviceStatus({ phase: 'rolling', reason: 'pulling another' }) },
      'going: pulling another',
    ],
    [
      'follows the rollout that another one made way for',
      { events: [started, superseded, thirdProgressed], status: rolling },
      'going: pull: 1 of 9 MB',
    ],
    [
      'ends as that one ends, whatever its digest',
      { events: [started, superseded, thirdSucceeded] },
      'succeeded: web serves aaaaaaaaaaaa after 0.8 s',
    ],
    [
      'fails as that one fails',
      { events: [started, superseded, thirdFailed] },
      'failed: web failed: aaaaaaaaaaaa crashed: exit code 2 (barred)',
    ],
    [
      'ends when a rollout made way for what serves already',
      { events: [started, superseded] },
      'nothing: Nothing to do: web is serving aaaaaaaaaaaa already.',
    ],
    [
      'counts the change from when nothing stood in its way any more',
      { events: [succeeded], waitedUntil: new Date(noon.getTime() - 1_200) },
      'succeeded: web serves bbbbbbbbbbbb after 1.2 s; before that it waited 3 s',
    ],
    [
      'names no next try that is over',
      { status: serviceStatus({ waiting: { code: 'PORT_TAKEN', message: 'taken', since, retryAt: since, failures: 1 } }) },
      'going: waiting: taken (PORT_TAKEN)',
    ],
    [
      'finds a success that it missed',
      { events: [started], status: serviceStatus({ release: releaseB, digest: digestB }) },
      'succeeded: web serves bbbbbbbbbbbb',
    ],
    [
      'finds a failure that it missed',
      { events: [started], status: serviceStatus({ barred: barredB }) },
      'failed: web: bbbbbbbbbbbb is barred: crashed',
    ],
  ];
  for (const [name, view, expected] of cases) it(name, () => assert.equal(judge(view), expected));

  it('hands on the last lines and what to do', () => {
    const judged = judgeDeploy({
      wanted: digestB,
      events: [started, failed],
      status: serving,
      planned: null,
      trouble: null,
      elapsedMs: 0,
      graceMs: 0,
      now: noon,
      waitedUntil: null,
    });
    assert.ok(judged.kind === 'failed');
    assert.deepEqual(judged.lastLines, ['boom']);
    assert.match(judged.advice ?? '', /push a better image, or "kedge clear web"/);
  });

  describe('of a release with the image that serves', () => {
    const same = { ...newer, digest: digestA };
    const verdict = { ...same, reason: 'crashed' as const, message: 'exit code 4' };
    const barred = [{ release: releaseB, digest: digestA, message: 'exit code 4' }];
    const configuration = '(the image is the same, aaaaaaaaaaaa): exit code 4';
    for (const [name, ending, line] of [
      [
        'failed',
        event('deploy.failed', { ...verdict, lastLines: [], barred: true }),
        'web failed: aaaaaaaaaaaa crashed: exit code 4 (barred)',
      ],
      [
        'left',
        event('deploy.rolledback', { ...verdict, to: releaseA }),
        `web was rolled back: its new configuration left, back to the one before ${configuration}`,
      ],
      [
        'failed unheard',
        event('deploy.progressed', { ...same, step: 'pull', message: 'pull' }),
        `web: its new configuration is barred ${configuration}`,
      ],
    ] as const)
      it(`speaks of the configuration where it ${name}, and not of a better image`, () => {
        const judged = judgeDeploy(viewOf({ wanted: digestA, events: [ending], status: serviceStatus({ barred }) }));
        assert.ok(judged.kind === 'failed');
        assert.equal(judged.line, line);
        assert.equal(
          judged.advice,
          'It is not tried again by itself: mend its service.toml and what that names, or "kedge clear web" to try it again as it is.',
        );
      });
  });
});
