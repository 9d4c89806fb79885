import { describeHoles, type Hole } from "./leaking-database";

/** A schema of the third role's, with code of its own. */
const reports = (sql: string): readonly (readonly [string, string])[] => [
  ["rdsadmin", "create schema reports authorization reporter"],
  ["reporter", sql],
];

const HOLES: Hole[] = [
  {
    title:
      "materialized views over a neighbour's rows, by way of views, a materialized view and routines of the admin's",
    seed: [
      [
        "rdsadmin",
        `create schema reporting; create view reporting.v1 as select * from schema_b.products;
         create materialized view reporting.m1 as select * from reporting.v1; create view reporting.v2 as select * from reporting.m1;
         create function reporting.body() returns setof text language sql begin atomic select name from schema_b.products; end;
         create function reporting.peek() returns setof schema_b.products language sql as 'select * from schema_b.products';
         create function reporting.opaque() returns setof text language plpgsql as 'begin return query select name from schema_b.products; end';
         create materialized view schema_a.by_view as select * from reporting.v1; grant select on schema_a.by_view to user_a;
         create materialized view schema_a.by_chain as select * from reporting.v2; grant select (id) on schema_a.by_chain to user_a;
         create materialized view schema_a.by_body as select * from reporting.body(); grant select on schema_a.by_body to user_a;
         create materialized view schema_a.by_row as select id from reporting.peek(); grant select on schema_a.by_row to user_a;
         create materialized view schema_a.by_none as select * from reporting.opaque(); grant select on schema_a.by_none to user_a;
         create materialized view schema_a.unread as select * from reporting.v1;
         create materialized view schema_a.own_rows as select * from schema_a.products; grant select on schema_a.own_rows to user_a`,
      ],
    ],
    told: [
      "relation: user_a -> b: materialized view schema_a.by_view",
      "relation: user_a -> b: materialized view schema_a.by_chain",
      "relation: user_a -> b: materialized view schema_a.by_body",
      "relation: user_a -> b: materialized view schema_a.by_row",
      'dependency: user_a -> b: rule "_RETURN" on schema_a.by_row',
      "relation: user_a -> -: materialized view schema_a.by_none",
    ],
    clear: [
      [
        "rdsadmin",
        `drop materialized view schema_a.by_view, schema_a.by_chain, schema_a.by_body, schema_a.by_row, schema_a.by_none, schema_a.unread,
           schema_a.own_rows;
         drop schema reporting cascade`,
      ],
    ],
  },
  {
    title: "materialized views that the tenant was given filled: only dropping them helps",
    seed: [
      [
        "rdsadmin",
        `create schema reporting; create view reporting.v1 as select * from schema_b.products;
         create function reporting.opaque() returns setof text language plpgsql as 'begin return query select name from schema_b.products; end';
         create materialized view schema_a.given as select * from reporting.v1; alter materialized view schema_a.given owner to user_a;
         create materialized view schema_a.blind as select * from reporting.opaque(); alter materialized view schema_a.blind owner to user_a;
         revoke execute on function reporting.opaque() from public`,
      ],
    ],
    told: [
      "dependency: user_a -> b: materialized view schema_a.given",
      "dependency: user_a -> -: materialized view schema_a.blind",
    ],
    clear: [["rdsadmin", "drop materialized view schema_a.given, schema_a.blind; drop schema reporting cascade"]],
  },
  {
    title:
      "tables of the admin's under a tenant's: a partition with the tenant's trigger, one that inherits, rows that go with the tenant's",
    seed: [
      [
        "user_a",
        `create table schema_a.log (id int, what text, check (schema_a.hello(what) <> '')) partition by range (id);
         create trigger spy before insert on schema_a.log for each row execute function schema_a.touched()`,
      ],
      [
        "rdsadmin",
        `create schema archive; create table archive.log_1 partition of schema_a.log for values from (1) to (100);
         alter table archive.log_1 owner to postgres;
         create table archive.payroll (like schema_a.products); alter table archive.payroll owner to postgres;
         alter table archive.payroll inherit schema_a.products;
         create table archive.lines (id int references schema_a.orders on delete cascade);
         create table archive.emptied (id int references schema_a.orders on update set null);
         create table archive.harmless (id int references schema_a.orders);
         alter table archive.lines owner to postgres; alter table archive.emptied owner to postgres`,
      ],
    ],
    told: [
      "dependency: user_a -> -: table archive.log_1",
      "dependency: user_a -> -: table constraint log_what_check on archive.log_1",
      "dependency: user_a -> -: table archive.payroll",
      "dependency: user_a -> -: table constraint lines_id_fkey on archive.lines",
      "dependency: user_a -> -: table constraint emptied_id_fkey on archive.emptied",
    ],
    clear: [["rdsadmin", "drop schema archive cascade; drop table schema_a.log"]],
  },
  {
    title: "a third role's code behind operators, domains, ranges, casts, aggregates, operator classes and routines",
    seed: [
      ...reports(
        `create function reports.same(text, text) returns bool immutable language sql as 'select true';
         create operator reports.=== (function = reports.same, leftarg = text, rightarg = text);
         create function reports.fine(text) returns bool language sql as 'select true';
         create domain reports.email as varchar(30) check (reports.fine(value)); create domain reports.work as reports.email;
         create type reports.pair as (mail reports.email, n int);
         create function reports.gap(int, int) returns float8 immutable language sql as 'select 1.0::float8';
         create type reports.span as range (subtype = int, subtype_diff = reports.gap);
         create function reports.sum(int, int) returns int immutable language sql as 'select 1';
         create aggregate reports.total(int) (sfunc = reports.sum, stype = int, initcond = 0);
         create type reports.mood as enum ('x'); create type reports.plain as enum ('x');
         create function reports.number(reports.mood) returns int immutable language sql as 'select 1';
         create cast (reports.mood as int) with function reports.number(reports.mood) as assignment;
         create function reports.cmp(int, int) returns int immutable language sql as 'select 0'`,
      ),
      [
        "rdsadmin",
        `create operator class reports.ops for type int using btree as operator 1 <, operator 3 =, function 1 reports.cmp(int, int);
         create function shared.wrapped(int) returns int immutable language sql begin atomic select reports.sum($1, 1); end;
         create table schema_a.mixed (id int, what text, mail reports.email, works reports.work[], both_ reports.pair, during reports.span,
           how reports.mood, harmless reports.plain, twice int generated always as (reports.sum(id, id)) stored,
           constraint alike check (what operator(reports.===) 'x'), constraint wrapped check (shared.wrapped(id) > 0));
         create index by_ops on schema_a.mixed (id reports.ops);
         create view schema_a.totals as select reports.total(1) as all_; create view schema_a.upon as select * from schema_a.totals;
         create table schema_a.days_3 (id int, mail reports.email) partition by list (id);
         create table schema_a.days_3_1 partition of schema_a.days_3 for values in (1);
         create table schema_a.keyed (mail reports.email) partition by list (mail); alter table schema_a.keyed owner to user_a;
         alter table schema_a.mixed owner to user_a; alter table schema_a.days_3 owner to user_a; alter table schema_a.days_3_1 owner to user_a;
         alter view schema_a.totals owner to user_a; alter view schema_a.upon owner to user_a;
         create table schema_a.heir () inherits (schema_a.mixed); alter table schema_a.heir owner to user_a`,
      ],
    ],
    told: [
      "dependency: reporter -> a: table schema_a.mixed",
      "dependency: reporter -> a: table constraint alike on schema_a.mixed",
      "dependency: reporter -> a: table constraint wrapped on schema_a.mixed",
      "dependency: reporter -> a: default value for schema_a.mixed.twice",
      "dependency: reporter -> a: index schema_a.by_ops",
      'dependency: reporter -> a: rule "_RETURN" on schema_a.totals',
      "dependency: reporter -> a: table schema_a.days_3",
      "dependency: reporter -> a: table schema_a.keyed",
    ],
    clear: [
      [
        "rdsadmin",
        "drop table schema_a.heir, schema_a.mixed, schema_a.days_3; drop table schema_a.keyed; drop schema reports cascade",
      ],
    ],
  },
  {
    title: "a third role's code that an event trigger runs",
    seed: [
      ...reports("create function reports.on_ddl() returns event_trigger language plpgsql as 'begin end'"),
      ["rdsadmin", "create event trigger watched on ddl_command_end execute function reports.on_ddl()"],
    ],
    told: ["dependency: reporter -> -: event trigger watched"],
    clear: [["reporter", "drop schema reports cascade"]],
  },
  {
    title:
      "definer code that nobody may call: of triggers, event triggers, ranges; of an aggregate that everybody may call",
    seed: [
      [
        "rdsadmin",
        `create function shared.enrich() returns trigger language plpgsql security definer as 'begin return new; end';
         create function shared.harmless() returns trigger language plpgsql security definer as 'begin return new; end';
         create function shared.on_ddl() returns event_trigger language plpgsql security definer as 'begin end';
         create function shared.gap(int, int) returns float8 immutable language sql security definer as 'select 1.0::float8';
         create function shared.sum(int, int) returns int immutable language sql security definer as 'select 1';
         revoke execute on all functions in schema shared from public;
         create aggregate shared.total(int) (sfunc = shared.sum, stype = int, initcond = 0);
         create trigger enrich before insert on schema_a.products for each row execute function shared.enrich();
         create table shared.audited (id int);
         create trigger audit before insert on shared.audited for each row execute function shared.harmless();
         create event trigger watched on ddl_command_end execute function shared.on_ddl();
         create type shared.span as range (subtype = int, subtype_diff = shared.gap);
         create table schema_a.spans (during shared.span); alter table schema_a.spans owner to user_a`,
      ],
    ],
    told: [
      "routine: user_a -> -: routine shared.enrich()",
      "routine: public -> -: routine shared.on_ddl()",
      "routine: user_a -> -: routine shared.gap(in integer, in integer)",
      "routine: public -> -: routine shared.sum(in integer, in integer)",
    ],
    clear: [
      [
        "rdsadmin",
        `drop event trigger watched; drop table schema_a.spans, shared.audited; drop type shared.span; drop aggregate shared.total(int);
         drop trigger enrich on schema_a.products; drop function shared.enrich, shared.harmless, shared.on_ddl, shared.gap, shared.sum`,
      ],
    ],
  },
  {
    title: "the server's own code under another name, in a tenant's schema and in one that is nobody's",
    seed: [
      [
        "rdsadmin",
        `create function schema_a.contents(text) returns text language internal as 'pg_read_file_all';
         create function schema_a.owned(text) returns text language internal as 'pg_read_file_all'; alter function schema_a.owned owner to user_a;
         create function public.contents(text) returns text language internal as 'pg_read_file_all'`,
      ],
    ],
    told: [
      "routine: user_a -> -: routine schema_a.contents(in text)",
      "routine: user_a -> -: routine schema_a.owned(in text)",
      "routine: public -> -: routine public.contents(in text)",
    ],
    clear: [["rdsadmin", "drop function schema_a.contents, schema_a.owned, public.contents"]],
  },
  {
    title: "a view upon two neighbours' tables, which others of the tenant's are made upon: told for each, closed once",
    seed: [
      [
        "rdsadmin",
        `create schema schema_c; create role user_c; alter schema schema_c owner to user_c; create table schema_c.things (id int);
         alter table schema_c.things owner to user_c; alter role user_c set search_path to schema_c;
         create view schema_a.both_ as select p.id from schema_b.products p, schema_c.things; create view schema_a.upon as select * from schema_a.both_;
         create view schema_a.further as select * from schema_a.upon; alter view schema_a.further owner to user_a;
         alter view schema_a.both_ owner to user_a; alter view schema_a.upon owner to user_a`,
      ],
    ],
    told: [
      'dependency: user_a -> b: rule "_RETURN" on schema_a.both_',
      'dependency: user_a -> c: rule "_RETURN" on schema_a.both_',
    ],
    clear: [["rdsadmin", "drop schema schema_c cascade; drop role user_c"]],
  },
];

describeHoles("what is reached by way of something else", HOLES);
