import { describe } from 'node:test';
import { testForms } from '../testing/form-table.ts';
import { ContainerUser } from './user-form.ts';

describe('the user of a container', () => {
  testForms('user', {
    schema: ContainerUser,
    reads: ['', 'app', '1000', '1000:1000', 'app:staff', '2147483647', ':5', '1000:', 'www-data', 'user.name@host', 'wörk'].map(
      (user) => [user, user] as const,
    ),
    refuses: [
      ...['a b', ' 0', '0 ', '0:a b', '0:0:5', 'root\n', 'a\0', 'a\tb'].map(
        (user) => [user, /must be a user by name or number, with ":" and a group behind it if any, such as "app"/] as const,
      ),
      ...['-1', '2147483648', '0:99999999999', '+2147483648'].map((user) => [user, /must have numbers from 0 to 2147483647/] as const),
      [1000, /expected string/],
    ],
  });
});
