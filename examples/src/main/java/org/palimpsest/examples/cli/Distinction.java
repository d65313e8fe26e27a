package org.palimpsest.examples.cli;

import java.nio.file.Path;

/** The shortest endings of two paths by which a reader can tell them apart. */
record Distinction(String first, String second) {

  static Distinction of(Path a, Path b) {
    Path first = a.toAbsolutePath().normalize();
    Path second = b.toAbsolutePath().normalize();
    int shared = sharedEnding(first, second);
    return new Distinction(ending(first, shared + 1), ending(second, shared + 1));
  }

  private static int sharedEnding(Path a, Path b) {
    int shared = 0;
    int most = Math.min(a.getNameCount(), b.getNameCount()) - 1;
    while (shared < most && nameFromEnd(a, shared).equals(nameFromEnd(b, shared))) {
      shared++;
    }
    return a.equals(b) ? 0 : shared;
  }

  private static Path nameFromEnd(Path path, int index) {
    return path.getName(path.getNameCount() - 1 - index);
  }

  private static String ending(Path path, int names) {
    int count = path.getNameCount();
    return path.subpath(Math.max(0, count - names), count).toString().replace('\\', '/');
  }
}
