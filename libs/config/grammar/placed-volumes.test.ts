import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tomlFile } from '../testing/toml-files.ts';
import { placeVolumes } from './placed-volumes.ts';

describe('the volumes of a service', () => {
  const file = tomlFile(
    'apps/web/service.toml',
    '[[volume]]\nsource = "./data"\n[[volume]]\nsource = "../../../x"\n[[volume]]\ntarget = "/c"\n',
  );
  const place = (...sources: readonly string[]) => {
    const volume = sources.map((source, index) => ({ source, target: `/t${index}` }));
    return placeVolumes({ volume, part: { volume }, file, folder: 'apps/web' });
  };

  it('lie in the folder of the service, where they are relative', () => {
    assert.deepEqual(
      place('./data', '../shared', '/srv', 'cache').volume?.map(({ source, target }) => [source, target]),
      [
        ['./apps/web/data', '/t0'],
        ['./apps/shared', '/t1'],
        ['/srv', '/t2'],
        ['cache', '/t3'],
      ],
    );
  });

  it('are judged one by one, also of a file that is wrong elsewhere', () => {
    const part = { volume: [{ source: './data' }, { source: '../../../x' }, { target: '/c' }, null] };
    const { volume, problems } = placeVolumes({ volume: undefined, part, file, folder: 'apps/web' });
    assert.deepEqual([volume, problems.map(({ line, key }) => [line, key])], [undefined, [[4, 'volume[1].source']]]);
  });
});
