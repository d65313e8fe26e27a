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
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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

  private static final List<Class<?>> USER_TYPES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages(MODULES).stream()
              .filter(type -> !type.getPackageName().contains(".internal"))
              .filter(PublicApiTest::isReachable)
              .<Class<?>>map(JavaClass::reflect)
              .toList();

  /**
   * The network of a graph is loaded by the class of its runtime, and asked for by another internal
   * package.
   */
  private static final List<String> SHOWN_ALL_THE_SAME =
      List.of("TorchScriptNetwork shows NetworkGraph");

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

  /** Neither by a parameter, nor by a result, a supertype or a type argument of one of these. */
  @Test
  void showsNothingThatUsersCannotName() {
    List<String> showing =
        USER_TYPES.stream()
            .flatMap(
                type -> shown(type).filter(one -> !canBeNamed(one)).map(one -> pair(type, one)))
            .distinct()
            .toList();
    assertThat(showing).containsExactlyElementsOf(SHOWN_ALL_THE_SAME);
  }

  private static String pair(Class<?> type, Class<?> shown) {
    return type.getSimpleName() + " shows " + shown.getSimpleName();
  }

  private static boolean canBeNamed(Class<?> type) {
    boolean enclosed = type.getEnclosingClass() == null || canBeNamed(type.getEnclosingClass());
    return !type.getName().startsWith("org.palimpsest.")
        || !type.getPackageName().contains(".internal")
            && Modifier.isPublic(type.getModifiers())
            && enclosed;
  }

  /** The types in what a user sees of a type, with their arguments. */
  private static Stream<Class<?>> shown(Class<?> type) {
    Set<Class<?>> found = new LinkedHashSet<>();
    Set<Type> seen = new HashSet<>();
    List<Type> types = new ArrayList<>(List.of(type.getGenericInterfaces()));
    types.add(type.getGenericSuperclass() == null ? Object.class : type.getGenericSuperclass());
    Stream.of(type.getDeclaredFields())
        .filter(field -> Modifier.isPublic(field.getModifiers()))
        .forEach(field -> types.add(field.getGenericType()));
    Stream.of(type.getDeclaredConstructors(), type.getDeclaredMethods())
        .flatMap(Stream::of)
        .filter(PublicApiTest::isSeen)
        .forEach(
            member -> {
              types.addAll(List.of(member.getGenericParameterTypes()));
              types.addAll(List.of(member.getGenericExceptionTypes()));
              types.add(member.getAnnotatedReturnType().getType());
            });
    types.forEach(one -> collect(one, found, seen));
    return found.stream();
  }

  private static void collect(Type type, Set<Class<?>> found, Set<Type> seen) {
    if (!seen.add(type)) {
      return;
    }
    List<Type> parts = new ArrayList<>();
    if (type instanceof Class<?> plain) {
      Class<?> component = plain.getComponentType();
      if (component == null) {
        found.add(plain);
      } else {
        parts.add(component);
      }
    } else if (type instanceof ParameterizedType parameterised) {
      parts.add(parameterised.getRawType());
      parts.addAll(List.of(parameterised.getActualTypeArguments()));
    } else if (type instanceof GenericArrayType array) {
      parts.add(array.getGenericComponentType());
    } else if (type instanceof WildcardType wildcard) {
      parts.addAll(List.of(wildcard.getUpperBounds()));
      parts.addAll(List.of(wildcard.getLowerBounds()));
    } else if (type instanceof TypeVariable<?> variable) {
      parts.addAll(List.of(variable.getBounds()));
    }
    parts.forEach(part -> collect(part, found, seen));
  }

  private static List<String> signatures() {
    return USER_TYPES.stream().flatMap(PublicApiTest::lines).sorted().distinct().toList();
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
