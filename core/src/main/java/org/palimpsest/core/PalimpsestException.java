package org.palimpsest.core;

/**
 * The one exception of this library: something given to it cannot be used, be it a file, a layer, a
 * setting or a combination of them.
 *
 * <p>Its message is written for the person at the keyboard. It names the file or the layer, the
 * actual shapes and values, and what to do about it, in whole sentences, so that a program can show
 * it as it is. It is unchecked: code that cannot do anything about a damaged file lets it pass.
 * Where one pair of layers of many cannot be compared, none is thrown; the reason takes the place
 * of the score.
 */
public final class PalimpsestException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** With a message that names what failed and says what to do. */
  public PalimpsestException(String message) {
    super(message);
  }

  /** The same with what caused it. */
  public PalimpsestException(String message, Throwable cause) {
    super(message, cause);
  }
}
