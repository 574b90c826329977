// A job: says when it ran and ends.
console.log(`run at ${new Date().toISOString()}`);
