import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import { blockedServices, chooseAdoptions } from './choose-adoptions.ts';

const [web, api, db] = ['web', 'api', 'db'].map((name) => ServiceName.parse(name)) as [ServiceName, ServiceName, ServiceName];
const foreign = [web, web, api].map((service, index) => ({
  service,
  container: `c${index}`,
  image: 'nginx:1',
  running: true,
  because: 'name' as const,
  networks: [],
}));

describe('chooseAdoptions', () => {
  it('takes all that are in the way, each once, or the named ones', () => {
    assert.deepEqual(chooseAdoptions(foreign, []), [web, api]);
    assert.deepEqual(chooseAdoptions(foreign, [api]), [api]);
    assert.deepEqual(chooseAdoptions([], []), []);
  });

  it('says which there are to whoever names another', () => {
    assert.throws(() => chooseAdoptions(foreign, [db]), { code: 'NOTHING_TO_ADOPT', message: /only of web, api/ });
    assert.throws(() => chooseAdoptions(foreign, [ServiceName.parse('wbe')]), /did you mean "web"/);
    assert.throws(() => chooseAdoptions([], [db]), /of "db"; nor of any other service/);
  });
});

describe('blockedServices', () => {
  it('are those whose place nobody agreed to take', () => {
    assert.deepEqual(blockedServices({ foreign }, []), [web, api]);
    assert.deepEqual(blockedServices({ foreign }, [web]), [api]);
    assert.deepEqual(blockedServices({}, []), []);
  });
});
