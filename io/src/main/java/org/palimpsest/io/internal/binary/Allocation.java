package org.palimpsest.io.internal.binary;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorWriter;

/** Keeps files from asking for more memory than there is. */
public final class Allocation {

  private static final long MEGA = 1L << 20;

  /** Asked once: in a container the system reads it from files each time. */
  private static final long MEMORY = memory();

  private Allocation() {}

  /**
   * A new tensor for what a file holds. Check the claimed size against the file's before.
   *
   * @param source what wants it, for the message
   * @throws PalimpsestException if it does not fit into the memory of this machine
   */
  public static TensorWriter tensor(String source, DataType type, long... shape) {
    long bytes = Arrays.stream(shape).reduce(type.width(), Math::multiplyExact);
    require(source, bytes);
    try {
      return TensorWriter.create(type, shape);
    } catch (PalimpsestException noBackend) {
      throw noBackend;
    } catch (RuntimeException | OutOfMemoryError failure) {
      throw tooLarge(source, bytes, failure);
    }
  }

  /**
   * Makes sure that something of this size can be in memory at all.
   *
   * @param source what wants it, for the message
   * @throws PalimpsestException if it is larger than the memory of this machine
   */
  public static void require(String source, long bytes) {
    if (bytes > MEMORY) {
      throw tooLarge(source, bytes, null);
    }
  }

  /**
   * Makes sure that some activations can be in memory at all together with the matrix that a
   * comparison makes of them.
   *
   * @param source what wants it, for the message
   * @param elements how many numbers there are
   * @throws PalimpsestException if both are larger than the memory of this machine
   */
  public static void requireTwice(String source, ElementType type, long elements) {
    long each = type.tensorType().width();
    long most = Long.MAX_VALUE / each / 2;
    require(
        source + ", which is held twice while it is compared,",
        2 * each * Math.min(most, elements));
  }

  private static PalimpsestException tooLarge(
      String source, long bytes, @Nullable Throwable cause) {
    String message =
        "%s needs %s MB of memory; this machine has %s MB, not all of it free. Take fewer layers or samples."
            .formatted(source, megabytes(bytes), megabytes(MEMORY));
    return cause == null
        ? new PalimpsestException(message)
        : new PalimpsestException(message, cause);
  }

  private static long memory() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Runtime.getRuntime().maxMemory();
  }

  private static long megabytes(long bytes) {
    return (bytes + MEGA - 1) / MEGA;
  }
}
