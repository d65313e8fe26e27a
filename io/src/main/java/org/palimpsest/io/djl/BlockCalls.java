package org.palimpsest.io.djl;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;

import ai.djl.ndarray.NDList;
import ai.djl.nn.AbstractBaseBlock;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.training.ParameterStore;
import java.util.concurrent.atomic.AtomicBoolean;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.dynamic.loading.ClassReloadingStrategy;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;

/**
 * Where DJL's own {@code forward} reports to once it is watched.
 *
 * <p>Public because DJL's class calls it; there is no reason to call it from anywhere else. Threads
 * that capture nothing pay one look-up for each block.
 */
public final class BlockCalls {

  private static final ThreadLocal<@Nullable BlockListener> LISTENER = new ThreadLocal<>();

  private BlockCalls() {}

  /** A block begins in this thread. */
  public static void entered(Block block) {
    BlockListener listener = LISTENER.get();
    if (listener != null) {
      listener.entered(block);
    }
  }

  /** The block that began last has ended; without a result if it failed. */
  public static void left(Block block, @Nullable NDList result) {
    BlockListener listener = LISTENER.get();
    if (listener != null) {
      listener.left(block, result);
    }
  }

  /** Lets the listener hear of all blocks that run in this thread during the work. */
  static void during(BlockListener listener, Runnable work) {
    BlockListener outer = LISTENER.get();
    LISTENER.set(listener);
    try {
      work.run();
    } finally {
      if (outer == null) {
        LISTENER.remove();
      } else {
        LISTENER.set(outer);
      }
    }
  }

  /** Hears of blocks that run. */
  interface BlockListener {

    void entered(Block block);

    void left(Block block, @Nullable NDList result);
  }

  /**
   * Makes DJL's {@code forward} report to {@link BlockCalls}.
   *
   * <p>All blocks inherit one final {@code forward}; code is put around it once in each JVM. There
   * is no other place where blocks inside custom blocks can be seen: a custom block keeps its
   * children in fields of their own classes, some of which are final, or inside lambdas, where no
   * stand-in can be put.
   */
  static final class BlockWatch {

    private static boolean installed;

    private BlockWatch() {}

    /**
     * Makes sure that blocks report. Cheap after the first time.
     *
     * @throws PalimpsestException if this JVM lets no agent in, saying how to start it
     */
    static synchronized void install() {
      if (installed) {
        return;
      }
      requireSameClassLoader();
      try {
        redefine();
        requireHeard();
      } catch (RuntimeException | LinkageError failure) {
        throw refused(failure);
      }
      installed = true;
    }

    private static void redefine() {
      new ByteBuddy()
          .redefine(AbstractBaseBlock.class)
          .visit(
              Advice.to(ForwardAdvice.class)
                  .on(named("forward").and(takesArgument(2, boolean.class))))
          .make()
          .load(
              AbstractBaseBlock.class.getClassLoader(),
              ClassReloadingStrategy.of(ByteBuddyAgent.install()));
    }

    private static void requireSameClassLoader() {
      ClassLoader loader = AbstractBaseBlock.class.getClassLoader();
      try {
        if (Class.forName(BlockCalls.class.getName(), false, loader) == BlockCalls.class) {
          return;
        }
      } catch (ClassNotFoundException invisible) {
        // The same advice as for another copy of the class.
      }
      throw new PalimpsestException(
          "DJL was loaded by a class loader that does not see this library."
              + " Put DJL and palimpsest-io on one class path.");
    }

    private static void requireHeard() {
      AtomicBoolean heard = new AtomicBoolean();
      BlockCalls.BlockListener listener =
          new BlockCalls.BlockListener() {
            @Override
            public void entered(Block block) {
              heard.set(true);
            }

            @Override
            public void left(Block block, @Nullable NDList result) {}
          };
      Block block = new LambdaBlock(list -> list);
      BlockCalls.during(
          listener, () -> block.forward(new ParameterStore(), new NDList(), false, null));
      if (!heard.get()) {
        throw new IllegalStateException("the agent changed nothing");
      }
    }

    private static PalimpsestException refused(Throwable reason) {
      return new PalimpsestException(
          "DJL's blocks can be watched only by a Java agent, and this JVM did not let it in (%s). Start Java with -XX:+EnableDynamicAgentLoading, or with -javaagent:byte-buddy-agent.jar (net.bytebuddy:byte-buddy-agent)."
              .formatted(reason),
          reason);
    }

    /** The code that is put around DJL's {@code AbstractBaseBlock.forward}. */
    private static final class ForwardAdvice {

      private ForwardAdvice() {}

      @Advice.OnMethodEnter
      static void enter(@Advice.This Block block) {
        BlockCalls.entered(block);
      }

      @Advice.OnMethodExit(onThrowable = Throwable.class)
      static void exit(@Advice.This Block block, @Advice.Return @Nullable NDList result) {
        BlockCalls.left(block, result);
      }
    }
  }
}
