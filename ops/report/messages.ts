import type { Texts } from "../texts";

/** What to look at in a report, in English and in Spanish, as `Message` puts it together. */
export const WARNINGS = {
  undeclaredBoth: [
    "No file declares tenant {tenant}, of which the database has role {role} and schema {schema}.",
    "Ningún archivo declara al cliente {tenant}, del que la base tiene el rol {role} y el esquema {schema}.",
  ],
  undeclaredRole: [
    "No file declares tenant {tenant}, of which the database has role {role}, and there is no schema {schema}.",
    "Ningún archivo declara al cliente {tenant}, del que la base tiene el rol {role} y no hay esquema {schema}.",
  ],
  undeclaredSchema: [
    "No file declares tenant {tenant}, of which the database has schema {schema}, and there is no role {role}.",
    "Ningún archivo declara al cliente {tenant}, del que la base tiene el esquema {schema} y no hay rol {role}.",
  ],
  lacksRole: [
    "Tenant {tenant} is declared by {file}, and the database has no role {role}.",
    "El archivo {file} declara al cliente {tenant}, y la base no tiene el rol {role}.",
  ],
  lacksSchema: [
    "Tenant {tenant} is declared by {file}, and the database has no schema {schema}.",
    "El archivo {file} declara al cliente {tenant}, y la base no tiene el esquema {schema}.",
  ],
  lacksBoth: [
    "Tenant {tenant} is declared by {file}, and the database has no role {role} and no schema {schema}.",
    "El archivo {file} declara al cliente {tenant}, y la base no tiene ni el rol {role} ni el esquema {schema}.",
  ],
  noLimit: [
    "Role {role} may take every connection of the server: it has no connection limit.",
    "El rol {role} puede tomar todas las conexiones del servidor: no tiene límite.",
  ],
  atLimit: [
    "Role {role} has {total} of at most {n} session: the next one is refused.|Role {role} has {total} of at most {n} sessions: the next one is refused.",
    "El rol {role} tiene {total} de un máximo de {n} sesión: la siguiente se rechaza.|El rol {role} tiene {total} de un máximo de {n} sesiones: la siguiente se rechaza.",
  ],
  rotationOpen: [
    "The rotation of {tenant}'s password has not ended since {since}: {previous} stays valid until its server uses {login}. See that the server runs and reads its parameters, then run `up`.",
    "La rotación de la contraseña de {tenant} no ha terminado desde {since}: {previous} sigue válido hasta que su servidor use {login}. Vea que el servidor corra y lea sus parámetros, y ejecute `up`.",
  ],
  fewerConnections: [
    "The setting limits.maxConnections says {expected}, and the server's max_connections is only {most}: the tenants' limits are checked against more connections than there are.",
    "El ajuste limits.maxConnections dice {expected}, y max_connections del servidor es solo {most}: los límites de los clientes se comparan con más conexiones de las que hay.",
  ],
  overPromised: [
    "The tenants' limits and the reserve come to {limits} + {reserve} = {total} connections, {more} more than the server has.",
    "Los límites de los clientes y la reserva suman {limits} + {reserve} = {total} conexiones, {more} más de las que tiene el servidor.",
  ],
} as const satisfies Texts;
