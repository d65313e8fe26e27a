package org.palimpsest.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What a user can name is written down, so that a change of it is seen. {@code -Dapi.update} writes
 * it anew.
 */
class PublicApiTest {

  private static final Path WRITTEN = Path.of("../docs/public-api.txt");
  private static final String[] MODULES = {
    "org.palimpsest.core",
    "org.palimpsest.similarity",
    "org.palimpsest.io",
    "org.palimpsest.report",
    "org.palimpsest.claims"
  };

  @Test
  void isAsWrittenDown() throws IOException {
    List<String> found = signatures();
    if (System.getProperty("api.update") != null) {
      Files.write(WRITTEN, found);
    }
    assertThat(found)
        .as(
            "docs/public-api.txt; if the change is meant: mvn -pl examples -am verify -Dapi.update, and a line in CHANGELOG.md")
        .isEqualTo(Files.readAllLines(WRITTEN));
  }

  private static List<String> signatures() {
    return new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages(MODULES).stream()
            .filter(type -> !type.getPackageName().contains(".internal"))
            .filter(PublicApiTest::isReachable)
            .map(JavaClass::reflect)
            .flatMap(PublicApiTest::lines)
            .sorted()
            .distinct()
            .toList();
  }

  private static boolean isReachable(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC)
        && type.getEnclosingClass().map(PublicApiTest::isReachable).orElse(true);
  }

  private static Stream<String> lines(Class<?> type) {
    List<String> lines = new ArrayList<>(List.of(type.getName()));
    for (Field field : type.getDeclaredFields()) {
      if (Modifier.isPublic(field.getModifiers())) {
        lines.add("%s %s: %s".formatted(type.getName(), field.getName(), name(field.getType())));
      }
    }
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (isSeen(constructor)) {
        lines.add("%s new(%s)".formatted(type.getName(), parameters(constructor)));
      }
    }
    for (Method method : type.getDeclaredMethods()) {
      if (isSeen(method)) {
        lines.add(
            "%s %s%s(%s): %s"
                .formatted(
                    type.getName(),
                    Modifier.isStatic(method.getModifiers()) ? "static " : "",
                    method.getName(),
                    parameters(method),
                    name(method.getReturnType())));
      }
    }
    return lines.stream();
  }

  private static boolean isSeen(Executable member) {
    return (Modifier.isPublic(member.getModifiers()) || Modifier.isProtected(member.getModifiers()))
        && !member.isSynthetic();
  }

  private static String parameters(Executable member) {
    return Arrays.stream(member.getParameterTypes())
        .map(PublicApiTest::name)
        .collect(Collectors.joining(", "));
  }

  private static String name(Class<?> type) {
    return type.getTypeName().replaceFirst("^java\\.(lang|util|nio\\.file)\\.", "");
  }
}
