import { endpoints } from '/work/main/services/proxy/testing/endpoints.ts';
import { startDataPlane } from '/work/main/services/proxy/testing/start-data-plane.ts';

const p = await startDataPlane({ KEDGE_HTTP_PORT: '18080' });
const many = Number(process.argv[2] ?? 1);
p.route(Array.from({ length: many }, (_, i) => endpoints(i === 0 ? 'web' : `web${i}`, [{ id: `a${i}`, port: 18081 }])));
console.log('ready');
process.on('SIGUSR2', () => {
  const u = process.cpuUsage();
  console.log(JSON.stringify({ cpu: (u.user + u.system) / 1e6, user: u.user / 1e6, rss: process.memoryUsage().rss / 1e6 }));
});
