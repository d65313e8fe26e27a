package org.palimpsest.io.djl;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/** The code that is put around DJL's {@code AbstractBaseBlock.forward}. */
final class ForwardAdvice {

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
