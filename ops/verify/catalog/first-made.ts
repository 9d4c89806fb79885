/** `FirstNormalObjectId` of PostgreSQL: what has a smaller oid the server was made with, whatever schema it is in. */
export const FIRST_MADE = 16384;
