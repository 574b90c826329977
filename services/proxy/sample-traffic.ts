import type { Bus } from '@kedge/shared/bus';
import { type Closable, errorMessage, startPeriodic } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { samplesOf, seen, since, type TallySeen } from './core/traffic-sample.ts';
import type { TargetTraffic, Traffic } from './traffic.ts';

interface SamplingPorts {
  readonly bus: Pick<Bus, 'publish' | 'isConnected' | 'instance'>;
  readonly traffic: Pick<Traffic, 'targets'>;
  readonly log: Logger;
  /** Milliseconds. Default 1 s. */
  readonly everyMs?: number;
}

/**
 * Says once a second what every service's targets did: of services without requests nothing, and nothing either while the bus is away. Nobody
 * may rely on a sample to arrive.
 */
export function startSampling({ bus, traffic, log, everyMs = 1_000 }: SamplingPorts): Closable {
  const before = new WeakMap<TargetTraffic, TallySeen>();
  let lookedAt = performance.now();

  async function look(): Promise<void> {
    const now = performance.now();
    const windowMs = Math.round(now - lookedAt);
    lookedAt = now;
    const happened = [...traffic.targets()].flatMap((each) => {
      const [last, current] = [before.get(each), seen(each.tally)];
      before.set(each, current);
      const news = since(last, current);
      return each.service === null || news === null ? [] : [{ service: each.service, target: each.target, happened: news }];
    });
    if (!bus.isConnected()) return;
    const { instance } = bus;
    const said = samplesOf(happened).map(
      async (sample) => await bus.publish('traffic.sampled', { instance, windowMs, ...sample }, { service: sample.service }),
    );
    await Promise.all(said);
  }

  return startPeriodic({
    everyMs,
    work: look,
    onError: (thrown) => log.debug({ reason: errorMessage(thrown) }, 'a sample of the traffic could not be said'),
  });
}
