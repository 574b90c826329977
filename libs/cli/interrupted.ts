/** Thrown where Ctrl-C ended a wait that has no result: the command then ends in silence, as whoever pressed it expects. */
export class Interrupted extends Error {}
