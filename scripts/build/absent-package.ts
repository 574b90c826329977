/**
 * Stands where dockerode loads packages for what Kedge never does: engines over SSH (ssh2), builds with BuildKit (gRPC).
 * Without them a bundle is half as large.
 */
export {};
