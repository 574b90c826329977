import {
  type Client,
  credentials,
  type handleBidiStreamingCall,
  type handleUnaryCall,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js';

const text = {
  requestSerialize: (value: string) => Buffer.from(value),
  requestDeserialize: (bytes: Buffer) => bytes.toString(),
  responseSerialize: (value: string) => Buffer.from(value),
  responseDeserialize: (bytes: Buffer) => bytes.toString(),
  originalName: undefined,
};

/** A service without a schema: what is said is text. */
const definition = {
  say: { path: '/test.Echo/Say', requestStream: false, responseStream: false, ...text },
  chat: { path: '/test.Echo/Chat', requestStream: true, responseStream: true, ...text },
} as unknown as ServiceDefinition;

const say: handleUnaryCall<string, string> = (call, done) => {
  if (call.request === 'fail') done({ code: status.FAILED_PRECONDITION, details: 'not now' });
  else done(null, `${call.request}, ${String(call.metadata.get('x-own')[0] ?? '')}`);
};

const chat: handleBidiStreamingCall<string, string> = (call) => {
  call.on('data', (said: string) => call.write(`<${said}>`));
  call.on('end', () => call.end());
};

/** A real gRPC server without TLS. */
export async function startGrpcEcho(): Promise<{ readonly port: number; close(): void }> {
  const server = new Server();
  server.addService(definition, { say, chat });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return { port, close: () => server.forceShutdown() };
}

/** A real gRPC client by TLS, which trusts this certificate (PEM) alone. */
export function connectGrpc(port: number, host: string, certificate: Buffer): Client {
  const Echo = makeGenericClientConstructor(definition, 'Echo');
  return new Echo(`127.0.0.1:${port}`, credentials.createSsl(certificate), {
    'grpc.ssl_target_name_override': host,
    'grpc.default_authority': host,
  });
}
