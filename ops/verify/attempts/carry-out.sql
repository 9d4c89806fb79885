-- Carries out the statements of the setting b2b_tenants.attempts, a JSON array of texts, and leaves in b2b_tenants.outcomes, as JSON, how
-- many there were, and those that were not refused for want of permission: each by its index, with its SQLSTATE. 00000 stands for one that
-- succeeded. Each has a subtransaction of its own, which is undone even when the statement succeeds. A prepared statement is the one
-- thing that would outlive that. Both settings are read and set by statements: a server may have taken the functions from everybody.
do language plpgsql $attempts$
declare
  attempt record;
  attempts text := '[]';
  outcome text;
  unrefused json[] := '{}';
  number_of_attempts int := 0;
begin
  begin
    execute 'show b2b_tenants.attempts' into attempts;
  exception when undefined_object then null;
  end;
  for attempt in
    select ordinality, value from json_array_elements_text(attempts::json) with ordinality
  loop
    outcome := null;
    begin
      execute attempt.value;
      outcome := '00000';
      deallocate all;
      raise exception 'undone';
    exception when others then
      outcome := coalesce(outcome, sqlstate);
    end;
    if outcome <> '42501' then
      unrefused := unrefused || json_build_array(attempt.ordinality - 1, outcome);
    end if;
    number_of_attempts := number_of_attempts + 1;
  end loop;
  execute format('set local b2b_tenants.outcomes = %L', json_build_object('attempts', number_of_attempts, 'unrefused', unrefused));
end $attempts$;
