import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import { findService } from './find-service.ts';
import { serviceStatus, web } from './testing/samples.ts';

describe('findService', () => {
  const services = [serviceStatus()];
  for (const [declared, name, hint] of [
    [services, 'wbe', 'did you mean "web"?'],
    [services, 'database', 'there are: web'],
    [[], 'web', 'none is declared'],
  ] as const) {
    it(`says "${hint}"`, () => {
      const error = { code: 'SERVICE_UNKNOWN', message: `there is no service "${name}"; ${hint}` };
      assert.throws(() => findService(declared, ServiceName.parse(name)), error);
    });
  }

  it('names so many as somebody reads', () => {
    const many = Array.from({ length: 500 }, (_, nth) => serviceStatus({ service: ServiceName.parse(`s${nth}-of-many`) }));
    assert.throws(() => findService(many, ServiceName.parse('database')), {
      message: /there are: s0-of-many, .*, s7-of-many and 492 more$/,
    });
  });

  it('finds the one of that name', () => assert.equal(findService(services, web), services[0]));
});
