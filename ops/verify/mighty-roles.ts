/** Roles of the server's own and of RDS's whose members see or change what is anybody's. The admin's role is one too. */
export const MIGHTY_ROLES: readonly string[] = [
  "rds_superuser",
  "pg_read_all_data",
  "pg_write_all_data",
  "pg_maintain",
  "pg_read_server_files",
  "pg_write_server_files",
  "pg_execute_server_program",
];
