package org.palimpsest.core.progress;

import java.time.Duration;

/** Hears how far long work has come. The library prints nothing itself. */
@FunctionalInterface
public interface Progress {

  /**
   * A piece of work begins.
   *
   * @param task what it is, for people
   * @param steps how many steps it has
   */
  Task begin(String task, long steps);

  /**
   * A piece of work begins of which is known how long it will take, such as to be told before the
   * first step is done. By default nothing is made of that.
   *
   * @param task what it is, for people
   * @param steps how many steps it has
   * @param expected for all steps; right within a factor of three or so
   */
  default Task begin(String task, long steps, Duration expected) {
    return begin(task, steps);
  }

  /** One piece of work; closed when it ends, well or not. */
  interface Task extends AutoCloseable {

    /** So many more steps are done. */
    void advance(long steps);

    @Override
    void close();
  }

  /** Says nothing. */
  static Progress silent() {
    return (task, steps) ->
        new Task() {
          @Override
          public void advance(long more) {}

          @Override
          public void close() {}
        };
  }
}
