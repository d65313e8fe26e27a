package org.palimpsest.io.internal.pickle;

import java.util.List;
import java.util.Optional;

/** Makes the few kinds of objects that a reader of pickles knows, by its own code. */
public interface ObjectFactory {

  /**
   * The value of a call, if this factory knows the callee.
   *
   * @param callee what the pickle would have Python call
   * @param arguments what with
   */
  Optional<Object> make(Global callee, List<Object> arguments);

  /** Hears of each class or function that the pickle names. */
  default void named(Global global) {}

  /** Hears of attributes that the pickle gives to something that a factory made. */
  default void setState(Object target, Object state) {}

  /**
   * What an identifier stands for that is kept outside the pickle.
   *
   * @throws org.palimpsest.core.PalimpsestException if it is of no known form
   */
  Object load(Object persistentId);
}
