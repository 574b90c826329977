/** What configuration files mean: the grammar, and what is wrong with a file. */
export type { FileReading, FolderReading } from './folder/folder-reading.ts';
export { type Configuration, type EntryName, entryNames } from './grammar/configuration.ts';
export { problemList } from './grammar/problem-list.ts';
export { routesOf } from './grammar/route.ts';
export { type NamedFolder, serviceFile } from './grammar/service-path.ts';
export { placeAt } from './grammar/source-place.ts';
export type { ConfigurationFolder, Renderer } from './ports.ts';
export { createReadConfiguration, type ReadConfiguration } from './read-configuration.ts';
export type { Verdict } from './verdict.ts';
