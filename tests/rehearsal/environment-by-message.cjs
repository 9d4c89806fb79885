// Preloaded into a plugin's process that serves more than one rehearsal: each message is its environment from then on.
process.on("message", (env) => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.send("taken");
});
process.on("disconnect", () => process.exit(0));
