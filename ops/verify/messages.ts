import type { Texts } from "../texts";

/** What is said of a finding, in English and in Spanish, as `Message` puts it together. */
export const FINDINGS = {
  // What no statement can close of a leak, or what to look at first.
  findsOthersObjects: [
    "what is called without its schema may be found in {schema}, where {role} puts what it likes",
    "lo que se llama sin su esquema puede encontrarse en {schema}, donde {role} pone lo que quiere",
  ],
  actsAsOther: [
    "it makes the sessions act as {role}, whose code can end that, and go on with their rights",
    "hace que las sesiones actúen como {role}, cuyo código puede terminar eso y seguir con los derechos de ellas",
  ],
  takesEveryTable: ["it takes every tenant's tables", "incluye las tablas de todos los clientes"],
  takesSchema: ["it takes whatever is in that schema", "incluye todo lo que haya en ese esquema"],
  uses: ["it uses {what}", "usa {what}"],
  usesUnclosed: [
    "it uses {what}: change it so that it does not, or drop it",
    "usa {what}: cámbielo para que no lo haga, o bórrelo",
  ],
  boundColumn: [
    "it uses {what}, with which the server drops {columns}, generated or no longer: copy the values into another column, and drop that one",
    "usa {what}, con lo que el servidor borra {columns}, generada o no: copie los valores en otra columna y borre esa",
  ],
  ownersRights: ["it runs with the rights of its owner", "corre con los derechos de su dueño"],
  schemaIsOpen: ["it can be called because its schema is open", "se puede llamar porque su esquema está abierto"],
  noRole: ["there is no role {role} to give it to", "no existe el rol {role} al que darlo"],
  noSchema: ["there is no schema {schema} to move it to", "no existe el esquema {schema} al que moverlo"],
  ofExtension: [
    "it is a part of extension {extension}: once it has moved, drop that extension and create it anew",
    "es parte de la extensión {extension}: una vez movido, borre esa extensión y vuelva a crearla",
  ],
  inDatabase: [
    "in database {database}, look with that statement, and then as the role run: drop owned by {role}",
    "en la base {database}, mire con esa sentencia y después, como el rol, ejecute: drop owned by {role}",
  ],
  keepLargeObjects: [
    "before they are given to the admin, let the tenant keep what it needs of them in a table of its own (bytea)",
    "antes de darlos al administrador, que el cliente guarde lo que necesite de ellos en una tabla suya (bytea)",
  ],
  languageForAll: [
    "a function in it can do whatever the server's own account can, and everybody may write one",
    "una función en él puede hacer todo lo que puede la cuenta del servidor, y cualquiera puede escribir una",
  ],
  languageOfIt: [
    "its language can do whatever the server's own account can",
    "su lenguaje puede hacer todo lo que puede la cuenta del servidor",
  ],
  parameterGroup: [
    "on RDS it is a parameter of the instance's parameter group",
    "en RDS es un parámetro del grupo de parámetros de la instancia",
  ],
  closeAndRepeat: [
    "close those that are listed, and run this again for the rest",
    "cierre las que están en la lista y vuelva a ejecutar esto para las demás",
  ],
  readsAsOwner: ["it reads with the rights of {owner}", "lee con los derechos de {owner}"],
  codeRunsAs: [
    "code of {role} runs with the rights of {owner} through a rule, a trigger, or a cast in a foreign key",
    "código de {role} corre con los derechos de {owner} por una regla, un trigger o un cast en una llave foránea",
  ],
  filledAsOwner: [
    "it was filled by way of {what}, with the rights of {owner}",
    "se llenó por medio de {what}, con los derechos de {owner}",
  ],
  filledUnrightly: [
    "it was filled by way of {what}, with rights that {role} does not have: drop it",
    "se llenó por medio de {what}, con derechos que {role} no tiene: bórrela",
  ],
  definer: [
    "it is `security definer`, and runs with the rights of {owner}",
    "es `security definer` y corre con los derechos de {owner}",
  ],
  definerForAll: [
    "it is `security definer`, and runs with the rights of {owner}, whoever may call it",
    "es `security definer` y corre con los derechos de {owner}, la llame quien la llame",
  ],
  reachesServer: [
    "it reaches what server {server} does; the rows are there, and not in the table",
    "llega a lo mismo que el servidor {server}; las filas están allá y no en la tabla",
  ],
  keepsRole: [
    "it opens nothing, and the removal of {tenant} is refused for as long as it names that tenant's role",
    "no abre nada, y la baja de {tenant} se rechaza mientras nombre el rol de ese cliente",
  ],
  doneInSpite: [
    "it was done, and taken back, though the catalogs say that the role may not: find out what lets it",
    "se hizo, y se deshizo, aunque los catálogos dicen que el rol no puede: averigüe qué se lo permite",
  ],
  failedOtherwise: [
    "it failed, but not for want of permission (SQLSTATE {code}), so it proves nothing: run this again, then look into it",
    "falló, pero no por falta de permiso (SQLSTATE {code}), así que no prueba nada: vuelva a ejecutar esto y después investigue",
  ],
  notCarriedOut: [
    "its attempts were not carried out, so nothing is proved of it: {why}",
    "no se hicieron sus intentos, así que no se probó nada de él: {why}",
  ],
  nothingTried: ["nothing was tried as {tenant}: {why}", "no se intentó nada como {tenant}: {why}"],

  // Why something was not found out.
  fellSilent: [
    "its session has fallen silent; run this again, and if that happens again look at pg_stat_activity and at the network",
    "su sesión dejó de responder; vuelva a ejecutar esto y, si pasa otra vez, mire pg_stat_activity y la red",
  ],
  roleSettings: [
    "{words}; look at what is set for its role (pg_db_role_setting)",
    "{words}; mire qué ajustes tiene su rol (pg_db_role_setting)",
  ],
  noParameter: ["{words}; run `up --refresh`", "{words}; ejecute `up --refresh`"],
  otherLogin: [
    "its server logs in as {login}: run `up --refresh`, which writes its parameters anew",
    "su servidor entra como {login}: ejecute `up --refresh`, que vuelve a escribir sus parámetros",
  ],
  isFenced: [
    "an offboarding has fenced it since {since}: with its file, `up` lets it in again; without, the offboarding goes on",
    "una baja lo tiene cerrado desde {since}: con su archivo, `up` lo deja entrar de nuevo; sin él, la baja sigue",
  ],
  nologin: [
    "{role} may not log in: somebody has set it to nologin by hand",
    "{role} no puede entrar: alguien lo puso en nologin a mano",
  ],
  words: ["{words}", "{words}"],

  // What is no leak, and should be known.
  usesTables: [
    "{name} uses tables of {of}, and so whoever uses it may run code of theirs (policies, triggers, functions of an index) with rights of {owner}",
    "{name} usa tablas de {of}, y así quien la use puede ejecutar código de ellos (políticas, disparadores, funciones de un índice) con derechos de {owner}",
  ],
  memberOfPowerful: [
    "{name}, which is no tenant, is a member of {of}, and so reaches what is every tenant's",
    "{name}, que no es cliente, es miembro de {of} y así llega a lo de todos los clientes",
  ],
  hasAttribute: [
    "{name}, which is no tenant, has the attribute {of}, and so reaches what is every tenant's",
    "{name}, que no es cliente, tiene el atributo {of} y así llega a lo de todos los clientes",
  ],
  readsPasswords: [
    "{name}, which is no tenant, may read pg_authid, where the passwords of all roles are",
    "{name}, que no es cliente, puede leer pg_authid, donde están las contraseñas de todos los roles",
  ],
  hasRights: [
    "{name}, which is no tenant, has rights on {of}, which the server keeps from everybody",
    "{name}, que no es cliente, tiene derechos sobre {of}, que el servidor no da a nadie",
  ],
  mayCall: [
    "{name}, which is no tenant, may call {of}, which the server keeps from everybody",
    "{name}, que no es cliente, puede llamar {of}, que el servidor no da a nadie",
  ],
  maySet: [
    "{name}, which is no tenant, may set {of}, which the server keeps from everybody",
    "{name}, que no es cliente, puede cambiar {of}, que el servidor no da a nadie",
  ],
  ownsDatabase: [
    "{name}, which is no tenant, owns database {of}, and so decides who may connect",
    "{name}, que no es cliente, es dueño de la base {of} y así decide quién puede conectarse",
  ],
  everyLogin: [
    "every login of the server may connect to database {database}, as PostgreSQL has it by default",
    "todos los que entran al servidor pueden conectarse a la base {database}, como PostgreSQL lo trae de fábrica",
  ],
  noSuchTenant: [
    "{name} can log in, and there is no such tenant: neither a schema nor a file",
    "{name} puede entrar y no existe ese cliente: ni esquema ni archivo",
  ],
  onlyItsSchema: [
    "routine {routine} runs with the rights of {owner}, and nothing but its schema keeps everybody from calling it",
    "la rutina {routine} corre con los derechos de {owner}, y solo su esquema impide que cualquiera la llame",
  ],
  goneMeanwhile: ["{what} was gone when it was tried", "{what} ya no estaba cuando se intentó"],
  refusedOtherwise: [
    "this was refused, but not for want of permission (SQLSTATE {code}), so it proves nothing",
    "esto fue rechazado, pero no por falta de permiso (SQLSTATE {code}), así que no prueba nada",
  ],
} as const satisfies Texts;
