/** Several runs compared: who scores what, over subjects and seeds. */
package dev.preceptor.study;
