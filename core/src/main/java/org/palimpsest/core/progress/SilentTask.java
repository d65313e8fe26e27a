package org.palimpsest.core.progress;

enum SilentTask implements Progress.Task {
  INSTANCE;

  @Override
  public void advance(long steps) {}

  @Override
  public void close() {}
}
