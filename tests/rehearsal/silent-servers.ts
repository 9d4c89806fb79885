import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Where something listens that somebody takes for a server. */
export interface Listening {
  readonly port: number;
  /** How often somebody has come. */
  readonly connections: () => number;
  close(): Promise<void>;
}

/** Takes every connection, and never says a word. */
export function silent(): Promise<Listening> {
  return listening((socket) => socket.resume());
}

/** A PostgreSQL server that lets everybody in, and from then on is silent to whom `user` names, or from that moment on to all. */
export function silentAfterLogin(
  of: { readonly host: string; readonly port: number },
  user: string,
  to: "one" | "all" = "one",
): Promise<Listening> {
  let silentToAll = false;
  return listening((client, sockets) => {
    const server = connect(of.port, of.host).on("error", () => client.destroy());
    sockets.add(server);
    server.on("close", () => client.destroy()).pipe(client);
    let [started, chosen] = [false, false];
    client.on("close", () => server.destroy());
    client.on("data", (message: Buffer) => {
      // What opens a session names its user in clear; a password's message begins with `p`, that of a query does not.
      if (!started) chosen = message.toString("latin1").includes(`user\0${user}\0`);
      else if (chosen && message[0] !== "p".charCodeAt(0)) {
        silentToAll = to === "all";
        return;
      }
      started = true;
      if (silentToAll) return;
      server.write(message);
    });
  });
}

async function listening(take: (socket: Socket, sockets: Set<Socket>) => void): Promise<Listening> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections += 1;
    sockets.add(socket.on("error", () => {}));
    take(socket, sockets);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
