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
    "The rotation of {tenant}'s password has not ended since {since}, and {previous} stays valid. {advice}",
    "La rotación de la contraseña de {tenant} no ha terminado desde {since}, y {previous} sigue válido. {advice}",
  ],
  rotationChangedOver: [
    "Its server uses {login}: run `up`, which ends {previous}.",
    "Su servidor usa {login}: ejecute `up`, que termina {previous}.",
  ],
  rotationHoldsOld: [
    "Its server uses {login}, and {n} session of {previous} is still open: restart what holds it (pg_stat_activity says from where it comes), then run `up`.|Its server uses {login}, and {n} sessions of {previous} are still open: restart what holds them (pg_stat_activity says from where they come), then run `up`.",
    "Su servidor usa {login}, y sigue abierta {n} sesión de {previous}: reinicie lo que la mantiene (pg_stat_activity dice de dónde viene) y ejecute `up`.|Su servidor usa {login}, y siguen abiertas {n} sesiones de {previous}: reinicie lo que las mantiene (pg_stat_activity dice de dónde vienen) y ejecute `up`.",
  ],
  rotationUsesOld: [
    "Its server still uses {previous} ({n} session): see that it runs and reads its parameters. Once it uses {login} alone, run `up`.|Its server still uses {previous} ({n} sessions): see that it runs and reads its parameters. Once it uses {login} alone, run `up`.",
    "Su servidor todavía usa {previous} ({n} sesión): vea que corra y lea sus parámetros. Cuando use solo {login}, ejecute `up`.|Su servidor todavía usa {previous} ({n} sesiones): vea que corra y lea sus parámetros. Cuando use solo {login}, ejecute `up`.",
  ],
  rotationUnseen: [
    "Neither login has a session, so nothing shows which one its server uses: see that the server runs. A backend that logs in only when it is asked for something has to be asked: open its frontend, and run `up` while that session is there.",
    "Ninguno de los dos usuarios tiene sesión, así que nada muestra cuál usa su servidor: vea que el servidor corra. Un backend que solo se conecta cuando se le pide algo tiene que recibir una petición: abra su frontend y ejecute `up` mientras esa sesión esté abierta.",
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
