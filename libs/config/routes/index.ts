/** The file of routes of a proxy that runs alone. */
export { type RoutesReading, readRoutes, type StaticRoutes, type StaticService } from '../grammar/read-routes.ts';
