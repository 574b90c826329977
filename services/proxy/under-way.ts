/** Requests between their head and the end of their answer, told apart by when they began. */
export interface UnderWay {
  /** Counts one more, and hands out what takes it off again: to be called once. */
  begin(): () => void;
  /** Hands out the count of those that are under way now and still are when it is asked; whoever comes later is not in it. */
  now(): () => number;
}

/** What began between two calls of `now`. */
interface Cohort {
  open: number;
}

/** Counts nothing but what it is told. */
export function createUnderWay(): UnderWay {
  let youngest: Cohort = { open: 0 };
  const elder: Cohort[] = [];

  return {
    begin() {
      const cohort = youngest;
      cohort.open += 1;
      return () => {
        cohort.open -= 1;
      };
    },
    now() {
      elder.push(youngest);
      youngest = { open: 0 };
      const counted = elder.slice();
      return () => counted.reduce((sum, { open }) => sum + open, 0);
    },
  };
}
