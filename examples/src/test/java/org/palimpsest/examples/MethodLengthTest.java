package org.palimpsest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** No method is longer than a screen. */
class MethodLengthTest {

  private static final int LONGEST = 40;

  private static List<Path> sources() throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> modules = Files.list(Path.of(".."))) {
      for (Path main : modules.map(module -> module.resolve("src/main/java")).toList()) {
        if (Files.isDirectory(main)) {
          try (Stream<Path> files = Files.walk(main)) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(found::add);
          }
        }
      }
    }
    return found;
  }

  @Test
  void methodsHaveAtMostFortyLines() throws IOException {
    List<Path> sources = sources();
    List<String> tooLong = new ArrayList<>();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  files,
                  null,
                  List.of("-proc:none"),
                  null,
                  files.getJavaFileObjectsFromPaths(sources));
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree file : task.parse()) {
        new Lengths(file, positions, tooLong).scan(file, null);
      }
    }
    assertThat(sources).hasSizeGreaterThan(500);
    assertThat(tooLong).isEmpty();
  }

  /** Collects the methods that are too long; what is nested in them counts as theirs. */
  private static final class Lengths extends TreePathScanner<Void, Void> {

    private final CompilationUnitTree file;
    private final SourcePositions positions;
    private final List<String> tooLong;

    Lengths(CompilationUnitTree file, SourcePositions positions, List<String> tooLong) {
      this.file = file;
      this.positions = positions;
      this.tooLong = tooLong;
    }

    @Override
    public Void visitMethod(MethodTree method, Void nothing) {
      if (method.getBody() != null) {
        LineMap lines = file.getLineMap();
        long length =
            lines.getLineNumber(positions.getEndPosition(file, method))
                - lines.getLineNumber(positions.getStartPosition(file, method.getBody()))
                + 1;
        if (length > LONGEST) {
          tooLong.add(
              "%s: %s has %d lines"
                  .formatted(file.getSourceFile().getName(), method.getName(), length));
        }
      }
      return super.visitMethod(method, nothing);
    }
  }
}
