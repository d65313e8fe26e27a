package org.palimpsest.reproduction.phantom;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.palimpsest.reproduction.images.Raster;

/** Thin, winding, branching vessels, darker than a mottled background. */
final class Vessels {

  private static final double BACKGROUND = 0.7;
  private static final double MOTTLE = 0.06;
  private static final double EASY_CONTRAST = 0.4;
  private static final double HARD_CONTRAST = 0.16;
  private static final double THICKEST = 0.026;
  private static final double THINNEST = 0.011;
  private static final double LEAST_RADIUS = 0.75;
  private static final int ROOTS_IN_VOLUME = 4;
  private static final double LEAST_RADIUS_IN_VOLUME = 1.1;
  private static final double STEP = 0.5;
  private static final double WINDING = 0.09;
  private static final double BRANCHES_PER_STEP = 0.014;
  private static final double SPREAD = 0.6;
  private static final double NARROWING = 0.8;

  private record Tip(double[] position, double[] direction, double radius) {}

  private Vessels() {}

  static Scene paint(Random random, double difficulty, int... extents) {
    Scene scene = Scene.empty(extents);
    Raster mottle = Raster.smoothNoise(random, 0.05 * scene.mask().shortest(), extents);
    int roots = (extents.length == 2 ? 1 : ROOTS_IN_VOLUME) + random.nextInt(3);
    for (int root = 0; root < roots; root++) {
      grow(scene.mask(), random, root(random, scene.mask()));
    }
    double contrast = EASY_CONTRAST + difficulty * (HARD_CONTRAST - EASY_CONTRAST);
    for (int i = 0; i < mottle.size(); i++) {
      double vessel = contrast * scene.mask().get(i);
      scene.intensity().set(i, BACKGROUND + MOTTLE * mottle.get(i) - vessel);
    }
    return scene;
  }

  /** Starts at a side and heads for the middle part. */
  private static Tip root(Random random, Raster grid) {
    int[] extents = grid.extents();
    double[] position = new double[extents.length];
    double[] direction = new double[extents.length];
    int side = random.nextInt(extents.length);
    boolean far = random.nextBoolean();
    for (int axis = 0; axis < extents.length; axis++) {
      double target = extents[axis] * (0.3 + 0.4 * random.nextDouble());
      position[axis] = extents[axis] * random.nextDouble();
      if (axis == side) {
        position[axis] = far ? extents[axis] - 1 : 0;
      }
      direction[axis] = target - position[axis];
    }
    double thickness = 0.7 + 0.3 * random.nextDouble();
    return new Tip(
        position,
        unit(direction),
        Math.max(leastRadius(grid), thickness * THICKEST * grid.shortest()));
  }

  private static double leastRadius(Raster grid) {
    return grid.rank() == 2 ? LEAST_RADIUS : LEAST_RADIUS_IN_VOLUME;
  }

  private static void grow(Raster mask, Random random, Tip root) {
    Deque<Tip> tips = new ArrayDeque<>();
    tips.add(root);
    double thinnest = Math.max(leastRadius(mask), THINNEST * mask.shortest());
    while (!tips.isEmpty()) {
      Tip tip = tips.poll();
      while (inside(mask, tip.position)) {
        stamp(mask, tip);
        tip = advanced(tip, random);
        if (random.nextDouble() < BRANCHES_PER_STEP && tip.radius * NARROWING > thinnest) {
          double radius = tip.radius * NARROWING;
          tips.add(new Tip(tip.position.clone(), turned(tip.direction, random, SPREAD), radius));
          tip = new Tip(tip.position, turned(tip.direction, random, SPREAD / 2), radius);
        }
      }
    }
  }

  private static Tip advanced(Tip tip, Random random) {
    double[] next = tip.position.clone();
    for (int axis = 0; axis < next.length; axis++) {
      next[axis] += STEP * tip.direction[axis];
    }
    return new Tip(next, turned(tip.direction, random, WINDING), tip.radius);
  }

  private static double[] turned(double[] direction, Random random, double strength) {
    double[] turned = direction.clone();
    for (int axis = 0; axis < turned.length; axis++) {
      turned[axis] += strength * random.nextGaussian();
    }
    return unit(turned);
  }

  private static double[] unit(double[] vector) {
    double norm = 0;
    for (double part : vector) {
      norm += part * part;
    }
    double[] unit = vector.clone();
    for (int axis = 0; axis < unit.length; axis++) {
      unit[axis] /= Math.sqrt(norm);
    }
    return unit;
  }

  private static boolean inside(Raster grid, double[] position) {
    int[] extents = grid.extents();
    for (int axis = 0; axis < extents.length; axis++) {
      if (position[axis] < 0 || position[axis] > extents[axis] - 1) {
        return false;
      }
    }
    return true;
  }

  private static void stamp(Raster mask, Tip tip) {
    double[] position = new double[tip.position.length];
    for (int i = 0; i < mask.size(); i++) {
      mask.locate(i, position);
      double squared = 0;
      for (int axis = 0; axis < position.length; axis++) {
        double away = position[axis] - tip.position[axis];
        squared += away * away;
      }
      if (squared <= tip.radius * tip.radius) {
        mask.set(i, 1);
      }
    }
  }
}
