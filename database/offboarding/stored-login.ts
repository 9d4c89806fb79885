/** What to do when a removal cannot log in: whatever the settings say by now, it has what the state holds. */
export const STORED_LOGIN =
  "A removal logs in with the address and the password that the last `up` has stored, not with those of the settings. Put right what is " +
  "wrong and run the same again; but if one of the two has changed since, put the tenant's file back, run `up` with today's, and then " +
  "remove the tenant again. Before a `destroy`, just run `up`.";
